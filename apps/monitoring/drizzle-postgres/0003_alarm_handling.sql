ALTER TABLE "alarms" ADD COLUMN "claimed_by" text collate "C";--> statement-breakpoint
ALTER TABLE "alarms" ADD COLUMN "claimed_at" text collate "C";--> statement-breakpoint
ALTER TABLE "alarms" ADD COLUMN "claim_count" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "alarms" ADD COLUMN "resolution" text collate "C";--> statement-breakpoint
ALTER TABLE "alarms" ADD COLUMN "comment_count" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "alarms" ADD COLUMN "needs_resolution" boolean DEFAULT false NOT NULL;