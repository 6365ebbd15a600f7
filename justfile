# The steps of CI by name; they are defined in .ci/run and nowhere else.

# Everything that has to hold before a change goes in.
ready:
    .ci/run

format:
    cargo fmt --all

check-format:
    .ci/run format

lint:
    .ci/run lint

deny:
    .ci/run deny

test:
    .ci/run test

example:
    .ci/run example

reference:
    .ci/run reference

acceptance:
    .ci/run acceptance

tree-sitter:
    .ci/run tree_sitter

editors:
    .ci/run editors

vscode:
    .ci/run vscode

# Takes over the snapshots that the tests wrote. Read the difference before you commit it.
snapshots:
    INSTA_UPDATE=always cargo test
