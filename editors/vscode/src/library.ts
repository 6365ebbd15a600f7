import * as vscode from "vscode";
import type { ClientCapabilities, LanguageClient, StaticFeature } from "vscode-languageclient/node";

/** The scheme of documents that the server holds: files of the standard library. */
export const LIBRARY_SCHEME = "iom-std";

/** Opens files of the standard library as documents that nobody can change. */
export class Library implements vscode.TextDocumentContentProvider, StaticFeature {
  constructor(private readonly client: LanguageClient) {}

  async provideTextDocumentContent(uri: vscode.Uri, token: vscode.CancellationToken): Promise<string> {
    const asked = { uri: this.client.code2ProtocolConverter.asUri(uri) };
    const answer = await this.client.sendRequest<{ text: string }>("workspace/textDocumentContent", asked, token);
    return answer.text;
  }

  /** Tells the server that it may name such documents. */
  fillClientCapabilities(capabilities: ClientCapabilities): void {
    capabilities.experimental = { ...(capabilities.experimental as object | undefined), textDocumentContent: true };
  }

  initialize(): void {}

  getState(): { kind: "static" } {
    return { kind: "static" };
  }

  clear(): void {}
}
