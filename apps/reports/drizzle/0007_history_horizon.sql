CREATE TABLE `history_horizon` (
	`id` integer PRIMARY KEY NOT NULL,
	`before` text NOT NULL,
	`position` integer NOT NULL
);
