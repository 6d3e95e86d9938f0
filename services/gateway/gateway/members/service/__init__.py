"""What people do with invites and members, split by verb."""
