"""Who is in a workspace, invites, and the page they lead to."""
