" Colours for Neovim without the tree-sitter grammar of iom.
if exists("b:current_syntax")
  finish
endif

syn case match

" Words that begin a declaration or a clause do so at the start of a line or after a bracket, and never before a colon.
syn match iomDeclaration "\%(^\|[{},]\)\s*\zs\<\%(module\|use\|apply\|type\|const\|fn\|resource\|kind\|trait\|blueprint\|shape\|extend\|bind\|policy\|authority\|exception\|breakglass\|evidence\|group\|catalog\|control\|data\|test\|amend\|tolerate\)\>\ze\s\+[A-Za-z_\"]" nextgroup=iomName skipwhite
syn match iomName "\<\h\w*\>" contained
syn match iomClause "\.\@1<!\<\%(for\|require\|alias\|allow\|deny\|escalate\|let\|derive\|transition\|identity\|from\|key\|part\|parts\|judges\|build\|given\|expect\|override\|until\|because\|every\|due\|then\|else\|when\|at\|fix\|on\|of\|to\|by\|each\|after\|where\|with\|as\|if\|match\|all\|any\|none\)\>\%(\s*:\)\@!"
syn match iomVerdict "\.\@1<!\<\%(passes\|fails\|excepted\|not_applicable\)\>\%(\s*:\)\@!"
syn match iomOperator "\.\@1<!\<\%(or\|and\|not\|in\|is\|contains\|overlaps\|covers\|within\|conforms\|matches\|matching\|like\|default\|named\|ref\|refs\|link\|secret\)\>\%(\s*:\)\@!"
syn match iomOperator "[=!<>]=\|=>\|??\|?\.\|++\|\.\."
syn keyword iomBoolean true false
syn keyword iomConstant absent present unknown known empty nonempty internet self now
syn match iomType "\.\@1<!\<\%(bool\|int\|decimal\|string\|duration\|bytes\|date\|time\|ip\|cidr\|port\|ports\|version\|percent\|url\|arn\|image\|cpu\|selector\|json\|glob\|list\|set\|map\)\>\%(\s*:\)\@!"
syn match iomField "\<\h\w*\>\ze\s*:"
syn match iomContext "\$\h\w*\|\^"

syn match iomNumber "\<\d[0-9_]*\%(\.\d\+\)\?\>"
syn match iomNumber "\<\%(\d\+\%(ms\|s\|min\|h\|d\|w\|mo\|y\)\)\+\>"
syn match iomNumber "\<\d\+\%(B\|kB\|MB\|GB\|TB\|KiB\|MiB\|GiB\|TiB\)\>"
syn match iomNumber "\<\d\{4}-\d\d-\d\d\%(T\d\d:\d\d\%(:\d\d\)\?\%(Z\|[+-]\d\d:\d\d\)\)\?"
syn match iomNumber "\<\d\+\.\d\+\.\d\+\.\d\+\%(/\d\+\)\?"

syn match iomEscape "\\\%(u{\x\+}\|.\)" contained
syn region iomInterpolation matchgroup=iomSpecial start="{" end="}" contained oneline contains=TOP
syn region iomString start=+"+ end=+"+ oneline contains=iomEscape,iomInterpolation
syn region iomLongString start=+"""+ end=+"""+
syn region iomRawString start=+\<r"+ end=+"+ oneline
syn region iomRawString start=+\<r#"+ end=+"#+ oneline

syn match iomComment "//.*$" contains=iomTodo,@Spell
syn match iomDocComment "//[/!].*$" contains=iomTodo,@Spell
syn keyword iomTodo contained TODO FIXME

hi def link iomDeclaration Keyword
hi def link iomName Identifier
hi def link iomClause Statement
hi def link iomVerdict Statement
hi def link iomOperator Operator
hi def link iomBoolean Boolean
hi def link iomConstant Constant
hi def link iomType Type
hi def link iomField Identifier
hi def link iomContext Special
hi def link iomNumber Number
hi def link iomEscape SpecialChar
hi def link iomSpecial Special
hi def link iomString String
hi def link iomLongString String
hi def link iomRawString String
hi def link iomComment Comment
hi def link iomDocComment SpecialComment
hi def link iomTodo Todo

let b:current_syntax = "iom"
