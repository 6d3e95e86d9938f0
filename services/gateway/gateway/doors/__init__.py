"""Ways to an assistant from outside: links, public pages; and the guests who come by them."""
