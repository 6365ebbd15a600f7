-- Files of the standard library, which the server holds: where a definition lies in one, it opens as a buffer that cannot be changed.
vim.api.nvim_create_autocmd("BufReadCmd", {
  group = vim.api.nvim_create_augroup("iom", { clear = true }),
  pattern = "iom-std:/*",
  callback = function(event)
    local client = vim.lsp.get_clients({ name = "iom" })[1]
    local answer = client and client:request_sync("workspace/textDocumentContent", { uri = event.match }, 5000, event.buf)
    local text = answer and answer.result and answer.result.text
    if not text then
      vim.notify("iom: " .. event.match .. " cannot be read: no language server answers", vim.log.levels.ERROR)
      return
    end
    vim.api.nvim_buf_set_lines(event.buf, 0, -1, false, vim.split(text, "\n"))
    vim.bo[event.buf].buftype = "nofile"
    vim.bo[event.buf].modified = false
    vim.bo[event.buf].modifiable = false
    vim.bo[event.buf].filetype = "iom"
    vim.lsp.buf_attach_client(event.buf, client.id)
  end,
})
