import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";
import type { Answers } from "./answers";
import { LIBRARY_SCHEME, Library } from "./library";
import type { DecisionItem } from "./status";

/** The language server as a process, and the client that talks to it. */
export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private documents: vscode.Disposable | undefined;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly answers: Answers,
    private readonly decision: DecisionItem,
  ) {}

  async start(): Promise<void> {
    const client = new LanguageClient("iom", "iom", serverOptions(this.context), this.clientOptions());
    this.client = client;
    const library = new Library(client);
    client.registerFeature(library);
    this.documents = vscode.workspace.registerTextDocumentContentProvider(LIBRARY_SCHEME, library);
    this.decision.follow(client);
    try {
      await client.start();
    } catch (problem) {
      this.decision.failed();
      // Nobody waits for what is chosen: commands and a restart are there at once.
      void offerSettings(problem);
    }
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.documents?.dispose();
    if (client?.isRunning()) await client.stop();
    await client?.dispose();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  dispose(): void {
    void this.stop();
  }

  private clientOptions(): LanguageClientOptions {
    return {
      documentSelector: [
        { scheme: "file", language: "iom" },
        { scheme: "untitled", language: "iom" },
        { scheme: "file", pattern: "**/iom.toml" },
        { scheme: LIBRARY_SCHEME, language: "iom" },
      ],
      // Without trust nothing outside the folder is read: what its iom.toml names is the folder's choice.
      initializationOptions: { trusted: vscode.workspace.isTrusted },
      middleware: {
        executeCommand: async (command, args, next) => {
          const answer: unknown = await next(command, this.answers.asked(command, args));
          await this.answers.show(command, answer);
          return answer;
        },
      },
    };
  }
}

async function offerSettings(problem: unknown): Promise<void> {
  const why = problem instanceof Error ? problem.message : String(problem);
  const choice = await vscode.window.showErrorMessage(`The language server of iom did not start: ${why}`, "Open settings");
  if (choice) await vscode.commands.executeCommand("workbench.action.openSettings", "iom.server.command");
}

/** What the settings say, else the server that came with the extension, else the command line's. */
function serverOptions(context: vscode.ExtensionContext): ServerOptions {
  const [command, ...args] = vscode.workspace.getConfiguration("iom").get<string[]>("server.command", []);
  if (command) return { command, args };
  const bundled = path.join(context.extensionPath, "server", process.platform === "win32" ? "iomc.exe" : "iomc");
  return { command: fs.existsSync(bundled) ? bundled : "iomc", args: ["lsp"] };
}
