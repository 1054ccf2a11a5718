ALTER TABLE `maintenance` ADD `revision` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `maintenance` ADD `is_ended` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `transitions` ADD `term` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `transitions` ADD `number` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `published_transitions` ON `transitions` (`term`,`number`) WHERE term > 0;--> statement-breakpoint
ALTER TABLE `watch` ADD `term` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `watch` ADD `last_transition` text;