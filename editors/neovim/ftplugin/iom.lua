-- What every buffer of iom has, with and without the server. `vim.lsp` sets 'formatexpr', 'omnifunc' and 'tagfunc' when it attaches.
local buffer = vim.api.nvim_get_current_buf()
local set = vim.opt_local

set.commentstring = "// %s"
set.comments = { ":///", "://!", "://" }
set.formatoptions:append("croql")
set.formatoptions:remove("t")
set.expandtab = true
set.shiftwidth = 2
set.softtabstop = 2
set.smartindent = true
set.suffixesadd = ".iom"

-- The grammar colours and folds, where it is installed; else `syntax/iom.vim` colours, and brackets fold.
local has_grammar = pcall(vim.treesitter.start, buffer, "iom")
set.foldmethod = has_grammar and "expr" or "indent"
if has_grammar then
  set.foldexpr = "v:lua.vim.treesitter.foldexpr()"
end
set.foldlevel = 99

vim.b.undo_ftplugin = (vim.b.undo_ftplugin and vim.b.undo_ftplugin .. " | " or "")
  .. "setlocal commentstring< comments< formatoptions< expandtab< shiftwidth< softtabstop< smartindent< suffixesadd<"
  .. " foldmethod< foldexpr< foldlevel<"
