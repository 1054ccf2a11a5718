// Written by npm run generate from the files operations.graphql of apps/console/src.

/** The ids of the operations in the list of the gateway, by their names. */
export const LISTED_OPERATION_IDS = {
  "Openings": "25e120b62b3110e827c167f5d28f24f13d308c0b71eefefa4102295774e50114",
  "OpeningAlarmChanged": "697a3a10f2c733a1aa806984ca2a8272f28160abe72552e743f3c4a2b2ebf937",
  "Services": "4c78607287087284075837ea825a3269f87398622784968b6127729354265cea",
  "ServiceChanged": "3aa1ceacbeb7e212787da4033a8db4a3374ab6222845267da9f5d1c6f4cd3f68"
};
