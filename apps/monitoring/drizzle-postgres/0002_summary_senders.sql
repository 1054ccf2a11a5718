CREATE TABLE "summary_senders" (
	"id" text collate "C" PRIMARY KEY NOT NULL,
	"last_batch" bigint NOT NULL,
	"at" text collate "C" NOT NULL
);
