"""Places, people and engines that tests share."""
