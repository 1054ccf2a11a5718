CREATE TABLE `log_horizon` (
	`id` integer PRIMARY KEY NOT NULL,
	`before` text NOT NULL,
	`position` integer NOT NULL,
	`mark` text,
	`compacted_at` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `log_snapshot` (
	`snapshot` integer NOT NULL,
	`position` integer NOT NULL,
	`type` text NOT NULL,
	`version` integer NOT NULL,
	`at` text NOT NULL,
	`actor` text,
	`data` text NOT NULL,
	`mark` text,
	PRIMARY KEY(`snapshot`, `position`)
);
