-- For `vim.lsp.enable("iom")`, Neovim 0.11 and later. What can be set is in `:help iom`.

--- What a lens or an action shows is text or a picture that the server made; Neovim shows the text.
local function show(title, lines)
  vim.lsp.util.open_floating_preview(lines, "markdown", { title = title, border = "rounded", focus_id = "iom" })
end

--- Asks the server and shows what it says.
local function ask(title)
  return function(command, context)
    local client = assert(vim.lsp.get_client_by_id(context.client_id))
    client:request("workspace/executeCommand", { command = command.command, arguments = command.arguments }, function(problem, answer)
      local text = problem and problem.message or type(answer) == "table" and (answer.text or answer.markdown) or answer
      show(title, vim.split(type(text) == "string" and text or "nothing to show", "\n"))
    end, context.bufnr)
  end
end

return {
  cmd = { "iomc", "lsp" },
  filetypes = { "iom" },
  -- The nearest workspace; without one, the repository.
  root_markers = { "iom.toml", ".git" },
  -- `plugin/iom.lua` opens files of the standard library.
  capabilities = { experimental = { textDocumentContent = true } },
  commands = {
    ["iom.showFindings"] = ask("findings"),
    ["iom.explainVerdict"] = ask("verdict"),
    ["iom.blastRadius"] = ask("blast radius"),
    ["iom.runTest"] = ask("test"),
  },
}
