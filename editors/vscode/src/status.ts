import * as vscode from "vscode";
import { type LanguageClient, State } from "vscode-languageclient/node";

/** What the server says of the whole workspace whenever it has judged. */
interface WorkspaceDecision {
  decision: "admit" | "escalate" | "block" | null;
  /** One line about it. */
  text: string;
}

const ICONS = { admit: "$(pass)", escalate: "$(question)", block: "$(error)" };

/** The workspace's decision in the status bar. */
export class DecisionItem implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("iom.decision", vscode.StatusBarAlignment.Left, 10);

  constructor() {
    this.item.name = "iom: decision";
    this.item.command = "iom.showGraph";
    this.say("$(sync~spin) iom", "The language server is starting.");
    this.item.show();
  }

  follow(client: LanguageClient): void {
    client.onNotification("iom/workspaceDecision", (known: WorkspaceDecision) => this.tell(known));
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) this.tell({ decision: null, text: "Nothing has been judged." });
      if (newState === State.Stopped) this.say("$(circle-slash) iom", "The language server is not running.");
    });
  }

  failed(): void {
    this.say("$(warning) iom", "The language server did not start.");
  }

  dispose(): void {
    this.item.dispose();
  }

  private tell({ decision, text }: WorkspaceDecision): void {
    if (decision === null) {
      return this.say("iom", text);
    }
    this.say(`${ICONS[decision]} iom: ${decision}`, text);
    this.item.backgroundColor =
      decision === "admit" ? undefined : new vscode.ThemeColor(`statusBarItem.${decision === "block" ? "error" : "warning"}Background`);
  }

  private say(text: string, tooltip: string): void {
    this.item.text = text;
    this.item.tooltip = tooltip;
    this.item.backgroundColor = undefined;
  }
}
