-- For `vim.lsp.enable("iom")`, Neovim 0.11 and later.
return {
  cmd = { "iomc", "lsp" },
  filetypes = { "iom" },
  root_markers = { "iom.toml", ".git" },
}
