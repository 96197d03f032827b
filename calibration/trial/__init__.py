"""What a protection leaves: pictures of synthetic micro-expressions, protected, coded, and read by an attacker."""
