import * as vscode from "vscode";
import { Answers } from "./answers";
import { Server } from "./server";
import { DecisionItem } from "./status";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const answers = new Answers();
  const decision = new DecisionItem();
  const running = new Server(context, answers, decision);
  server = running;
  context.subscriptions.push(
    answers,
    decision,
    running,
    vscode.commands.registerCommand("iom.restartServer", () => running.restart()),
    // With trust the server may also read what iom.toml names outside the folder.
    vscode.workspace.onDidGrantWorkspaceTrust(() => running.restart()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("iom.server")) return running.restart();
    }),
  );
  await running.start();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
