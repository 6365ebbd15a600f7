import * as vscode from "vscode";

/** What the server answers to a command, as far as there is something to show. */
interface Answer {
  title?: string;
  /** Markdown. */
  text?: string;
  svg?: string;
}

const REPORT = "iom-report";

/** Shows what commands of the server answer: pictures in a panel, texts as documents beside the editor. */
export class Answers implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(REPORT, this);
  private panel: vscode.WebviewPanel | undefined;
  readonly onDidChange = this.changed.event;

  /** The arguments of a command; one that was chosen from the palette is about where the cursor is. */
  asked(command: string, args: unknown[]): unknown[] {
    const editor = vscode.window.activeTextEditor;
    if (args.length > 0 || command === "iom.showGraph" || editor?.document.languageId !== "iom") return args;
    const { line, character } = editor.selection.active;
    return [{ textDocument: { uri: editor.document.uri.toString() }, position: { line, character } }];
  }

  async show(command: string, answer: unknown): Promise<void> {
    if (typeof answer !== "object" || answer === null) return;
    const { title = command, text, svg } = answer as Answer;
    if (typeof svg === "string") this.showPicture(title, svg);
    else if (typeof text === "string") await this.showText(title, text);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? "";
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
    this.panel?.dispose();
  }

  private async showText(title: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: REPORT, path: `/${title.replaceAll("/", "∕")}.md` });
    this.texts.set(uri.path, text);
    this.changed.fire(uri);
    await vscode.commands.executeCommand("markdown.showPreviewToSide", uri);
  }

  /** The picture is an image: nothing in it can run, and nothing can be loaded. */
  private showPicture(title: string, svg: string): void {
    this.panel ??= this.newPanel();
    const image = `data:image/svg+xml;base64,${Buffer.from(svg, "utf8").toString("base64")}`;
    this.panel.title = title;
    this.panel.webview.html = `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<style>body { margin: 0; background: #ffffff; } img { display: block; }</style>
</head>
<body><img src="${image}" alt=""></body>
</html>`;
    this.panel.reveal(undefined, true);
  }

  private newPanel(): vscode.WebviewPanel {
    const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const panel = vscode.window.createWebviewPanel("iom.graph", "iom", place, { enableScripts: false, localResourceRoots: [] });
    panel.onDidDispose(() => (this.panel = undefined));
    return panel;
  }
}
