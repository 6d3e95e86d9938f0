"""The pages people use: store, studio, chat, account, admin."""
