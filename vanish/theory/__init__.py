"""What paper and pencil expect of a network, without drawing one."""
