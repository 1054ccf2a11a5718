// Written by npm run generate from apps/cli/src/graphql/operations.graphql
// and the files operations.graphql of apps/console/src.
import type { ListedOperation } from './safelist.js';

/** The operations of the command-line tools. */
export const TOOL_OPERATIONS: readonly ListedOperation[] = [
  {
    "id": "e277f9d9b17bd5262b4f35252183c0f617bd0a1deb64aaad4c26eedad278cdc6",
    "name": "CheckAccess",
    "type": "query",
    "body": "query CheckAccess {\n  __typename\n}"
  },
  {
    "id": "ba30f8ed050162132511354013cb08431997508c2dadc12a9a946d07a44913a6",
    "name": "RulesOfUser",
    "type": "query",
    "body": "query RulesOfUser($userId: ID!, $filter: RuleFilter, $first: Int!, $after: String) {\n  user(id: $userId) {\n    rules(first: $first, after: $after, filter: $filter) {\n      nodes {\n        ...RuleColumns\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n}\n\nfragment RuleColumns on Rule {\n  id\n  user {\n    id\n  }\n  name\n  opening\n  windows {\n    days\n    opensAt\n    closesAt\n    openBy\n  }\n  calendar {\n    id\n    name\n  }\n  graceSeconds\n  maxOpenSeconds\n  activeWindows {\n    days\n    opensAt\n    closesAt\n  }\n  silentAfterSeconds\n  onTamper\n  onBatteryLow\n  timeZone\n  severity\n  effectiveFrom\n  enabled\n}"
  },
  {
    "id": "625fcb46455db239767175760c6d60b1449030bf76499293f1e6ce1fb19ad854",
    "name": "ExportRules",
    "type": "query",
    "body": "query ExportRules($filter: RuleFilter, $first: Int!, $after: String) {\n  rules(filter: $filter, first: $first, after: $after) {\n    totalCount\n    nodes {\n      ...RuleColumns\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\n\nfragment RuleColumns on Rule {\n  id\n  user {\n    id\n  }\n  name\n  opening\n  windows {\n    days\n    opensAt\n    closesAt\n    openBy\n  }\n  calendar {\n    id\n    name\n  }\n  graceSeconds\n  maxOpenSeconds\n  activeWindows {\n    days\n    opensAt\n    closesAt\n  }\n  silentAfterSeconds\n  onTamper\n  onBatteryLow\n  timeZone\n  severity\n  effectiveFrom\n  enabled\n}"
  },
  {
    "id": "3252dd23be8edf1935eaaa905648a30272700bcfc29c402f84cad0e0f9e4ed79",
    "name": "ExportAlarms",
    "type": "query",
    "body": "query ExportAlarms($filter: AlarmFilter, $first: Int!, $after: String) {\n  alarms(filter: $filter, first: $first, after: $after) {\n    totalCount\n    nodes {\n      ...AlarmColumns\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\n\nfragment AlarmColumns on Alarm {\n  id\n  user {\n    id\n  }\n  rule {\n    id\n    name\n  }\n  opening\n  kind\n  severity\n  status\n  raisedAt\n  clearedAt\n  acknowledgedAt\n  acknowledgedBy\n  note\n  reason\n  claimedBy\n  claimedAt\n  resolution {\n    code\n    note\n    by\n    at\n  }\n}"
  },
  {
    "id": "8769c5d05f001c3f656c341670bfdd74b91406b15a425a4a7615dd23979c7bf1",
    "name": "AlarmCountsOfRule",
    "type": "query",
    "body": "query AlarmCountsOfRule($userId: ID!, $ruleId: ID!) {\n  OUTSIDE_HOURS: alarms(\n    filter: {userId: $userId, ruleId: $ruleId, kind: OUTSIDE_HOURS, status: [ACTIVE, CLEARED]}\n  ) {\n    totalCount\n  }\n  OPEN_TOO_LONG: alarms(\n    filter: {userId: $userId, ruleId: $ruleId, kind: OPEN_TOO_LONG, status: [ACTIVE, CLEARED]}\n  ) {\n    totalCount\n  }\n  SILENT: alarms(\n    filter: {userId: $userId, ruleId: $ruleId, kind: SILENT, status: [ACTIVE, CLEARED]}\n  ) {\n    totalCount\n  }\n  NOT_OPENED: alarms(\n    filter: {userId: $userId, ruleId: $ruleId, kind: NOT_OPENED, status: [ACTIVE, CLEARED]}\n  ) {\n    totalCount\n  }\n  TAMPERED: alarms(\n    filter: {userId: $userId, ruleId: $ruleId, kind: TAMPERED, status: [ACTIVE, CLEARED]}\n  ) {\n    totalCount\n  }\n  BATTERY_LOW: alarms(\n    filter: {userId: $userId, ruleId: $ruleId, kind: BATTERY_LOW, status: [ACTIVE, CLEARED]}\n  ) {\n    totalCount\n  }\n}"
  },
  {
    "id": "7b7832ee74f73fdeb24ea48035ff7012867376cb3a0bc4e41eb3c55993c6afd2",
    "name": "AlarmCountOfUser",
    "type": "query",
    "body": "query AlarmCountOfUser($userId: ID!) {\n  alarms(filter: {userId: $userId}) {\n    totalCount\n  }\n}"
  },
  {
    "id": "43e7865e1d67fabe1243821b54c5f981cf3d71063f23be147b2b4b4d48cb6cc9",
    "name": "ReadRule",
    "type": "query",
    "body": "query ReadRule($id: ID!) {\n  rule(id: $id) {\n    id\n    version\n  }\n}"
  },
  {
    "id": "501ca0cfff967a55a3cad5327edbe18857cd901066aab748b1216ad96d6a2b5c",
    "name": "Health",
    "type": "query",
    "body": "query Health {\n  services {\n    name\n    status\n    reason\n    since\n    lastBeatAt\n    instances {\n      id\n      status\n      version\n      startedAt\n      lastBeatAt\n    }\n  }\n}"
  },
  {
    "id": "a0c56c566fb2a7416d080fd6c47d494a0c64819ed3fc4e48cc9e25d72d096602",
    "name": "CreateRule",
    "type": "mutation",
    "body": "mutation CreateRule($input: CreateRuleInput!) {\n  createRule(input: $input) {\n    rule {\n      id\n      name\n      version\n    }\n  }\n}"
  },
  {
    "id": "68078e40cf0c75e9c20a89c212eaa1ae4d5ae40e36a1b0fdd103081f4879fed8",
    "name": "CreateRules",
    "type": "mutation",
    "body": "mutation CreateRules($row1: CreateRuleInput!, $row2: CreateRuleInput!, $row3: CreateRuleInput!, $row4: CreateRuleInput!, $row5: CreateRuleInput!, $row6: CreateRuleInput!, $row7: CreateRuleInput!, $row8: CreateRuleInput!, $row9: CreateRuleInput!, $row10: CreateRuleInput!) {\n  row1: createRule(input: $row1) {\n    ...CreatedRule\n  }\n  row2: createRule(input: $row2) {\n    ...CreatedRule\n  }\n  row3: createRule(input: $row3) {\n    ...CreatedRule\n  }\n  row4: createRule(input: $row4) {\n    ...CreatedRule\n  }\n  row5: createRule(input: $row5) {\n    ...CreatedRule\n  }\n  row6: createRule(input: $row6) {\n    ...CreatedRule\n  }\n  row7: createRule(input: $row7) {\n    ...CreatedRule\n  }\n  row8: createRule(input: $row8) {\n    ...CreatedRule\n  }\n  row9: createRule(input: $row9) {\n    ...CreatedRule\n  }\n  row10: createRule(input: $row10) {\n    ...CreatedRule\n  }\n}\n\nfragment CreatedRule on CreateRulePayload {\n  rule {\n    id\n  }\n}"
  },
  {
    "id": "f4f7a31ec988412bebd9061694725e63ccf7088ae3e2feb5fa1f815e71f6fe90",
    "name": "DeleteRule",
    "type": "mutation",
    "body": "mutation DeleteRule($id: ID!) {\n  deleteRule(input: {id: $id}) {\n    rule {\n      id\n    }\n  }\n}"
  },
  {
    "id": "3da259178b783e640dd0ac12c081f4dcc1269bc62328e491d13cc7e9ccddecea",
    "name": "RecordReadings",
    "type": "mutation",
    "body": "mutation RecordReadings($input: RecordReadingsInput!) {\n  recordReadings(input: $input) {\n    accepted\n    duplicates\n    refused {\n      id\n      index\n      code\n      message\n    }\n  }\n}"
  },
  {
    "id": "e7af9909ade9dc90e117ef957bc273cf0f2e1d4c4506c10ec72cc533f227bf1c",
    "name": "AcknowledgeAlarm",
    "type": "mutation",
    "body": "mutation AcknowledgeAlarm($id: ID!, $note: String) {\n  acknowledgeAlarm(input: {id: $id, note: $note}) {\n    alarm {\n      acknowledgedBy\n    }\n  }\n}"
  },
  {
    "id": "54dad511a9502abc7d3adde770613d05f4803f2e35d2376acafab6699611d94e",
    "name": "LiveAlarms",
    "type": "subscription",
    "body": "subscription LiveAlarms($userId: ID!) {\n  alarmChanged(userId: $userId) {\n    kind\n    alarm {\n      ...AlarmColumns\n    }\n  }\n}\n\nfragment AlarmColumns on Alarm {\n  id\n  user {\n    id\n  }\n  rule {\n    id\n    name\n  }\n  opening\n  kind\n  severity\n  status\n  raisedAt\n  clearedAt\n  acknowledgedAt\n  acknowledgedBy\n  note\n  reason\n  claimedBy\n  claimedAt\n  resolution {\n    code\n    note\n    by\n    at\n  }\n}"
  },
  {
    "id": "5ed3ad370d03e9ed52213cd1d2dde6385e3e89e43a578c3341527893858b9483",
    "name": "LiveHealth",
    "type": "subscription",
    "body": "subscription LiveHealth {\n  heartbeat {\n    name\n    status\n    reason\n  }\n}"
  },
  {
    "id": "c89f0744e42781a4ccb1da54305133e3b87e360df7af2fb352a40f8a0cef7f79",
    "name": "UpdateRule",
    "type": "mutation",
    "body": "mutation UpdateRule($input: UpdateRuleInput!) {\n  updateRule(input: $input) {\n    rule {\n      id\n      version\n    }\n  }\n}"
  },
  {
    "id": "812e86d2c85ee7db182f6d133f398fca345d369624e69b3bef1081572f653b80",
    "name": "CalendarNamesOfUser",
    "type": "query",
    "body": "query CalendarNamesOfUser($userId: ID!) {\n  user(id: $userId) {\n    calendars {\n      id\n      name\n    }\n  }\n}"
  },
  {
    "id": "1a9be3b11a43ef70f6659664c2622cd5efa641fcb96b806d1d0476f90f7923cb",
    "name": "CalendarsOfUser",
    "type": "query",
    "body": "query CalendarsOfUser($userId: ID!) {\n  user(id: $userId) {\n    calendars {\n      ...CalendarWithDates\n    }\n  }\n}\n\nfragment CalendarWithDates on Calendar {\n  id\n  name\n  version\n  dates {\n    date\n    label\n    windows {\n      opensAt\n      closesAt\n      openBy\n    }\n  }\n}"
  },
  {
    "id": "9ebaf7163241e67eedf2ee57dfacf0506cd373d9d9c4d762b0f1bf5cfaeb8197",
    "name": "CreateCalendar",
    "type": "mutation",
    "body": "mutation CreateCalendar($input: CreateCalendarInput!) {\n  createCalendar(input: $input) {\n    calendar {\n      ...CalendarWithDates\n    }\n  }\n}\n\nfragment CalendarWithDates on Calendar {\n  id\n  name\n  version\n  dates {\n    date\n    label\n    windows {\n      opensAt\n      closesAt\n      openBy\n    }\n  }\n}"
  },
  {
    "id": "00416a7b930ccaf843c7dcac4f96ee48c6a6924493546918f0c01a57c0a91e00",
    "name": "UpdateCalendar",
    "type": "mutation",
    "body": "mutation UpdateCalendar($input: UpdateCalendarInput!) {\n  updateCalendar(input: $input) {\n    calendar {\n      ...CalendarWithDates\n    }\n  }\n}\n\nfragment CalendarWithDates on Calendar {\n  id\n  name\n  version\n  dates {\n    date\n    label\n    windows {\n      opensAt\n      closesAt\n      openBy\n    }\n  }\n}"
  },
  {
    "id": "81aa64344c8609bcfb068bc1b17bfeedaac9dd46924c0f4182b1e8d4d893f47e",
    "name": "DeleteCalendar",
    "type": "mutation",
    "body": "mutation DeleteCalendar($input: DeleteCalendarInput!) {\n  deleteCalendar(input: $input) {\n    calendar {\n      id\n    }\n  }\n}"
  },
  {
    "id": "98f96dd635b8310abdb8e4bf31dd21195de6d9bfaf287f088ef1b855b912468d",
    "name": "ExceptionsOfUser",
    "type": "query",
    "body": "query ExceptionsOfUser($userId: ID!) {\n  user(id: $userId) {\n    exceptions {\n      ...ExceptionColumns\n    }\n  }\n}\n\nfragment ExceptionColumns on OpeningException {\n  id\n  openings\n  effect\n  from\n  until\n  reason\n  createdBy\n  cancelledAt\n}"
  },
  {
    "id": "f88c0b99d54baf36e946746437025bec0b206cfb3e90d85ba7d4a9a1bfb3e9c9",
    "name": "CreateException",
    "type": "mutation",
    "body": "mutation CreateException($input: CreateExceptionInput!) {\n  createException(input: $input) {\n    exception {\n      ...ExceptionColumns\n    }\n  }\n}\n\nfragment ExceptionColumns on OpeningException {\n  id\n  openings\n  effect\n  from\n  until\n  reason\n  createdBy\n  cancelledAt\n}"
  },
  {
    "id": "1a4d172f85fc7b2b50d15d04c87bd48c7625fe4756076ade95fafd91af2b451d",
    "name": "CancelException",
    "type": "mutation",
    "body": "mutation CancelException($input: CancelExceptionInput!) {\n  cancelException(input: $input) {\n    exception {\n      ...ExceptionColumns\n    }\n  }\n}\n\nfragment ExceptionColumns on OpeningException {\n  id\n  openings\n  effect\n  from\n  until\n  reason\n  createdBy\n  cancelledAt\n}"
  }
];

/** The operations of the console. */
export const CONSOLE_OPERATIONS: readonly ListedOperation[] = [
  {
    "id": "25e120b62b3110e827c167f5d28f24f13d308c0b71eefefa4102295774e50114",
    "name": "Openings",
    "type": "query",
    "body": "query Openings($after: String, $before: String, $first: Int, $last: Int) {\n  viewer {\n    id\n    openingConnection(after: $after, before: $before, first: $first, last: $last) {\n      totalCount\n      nodes {\n        ...OpeningState\n        __typename\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n        __typename\n      }\n      __typename\n    }\n    __typename\n  }\n}\n\nfragment OpeningState on Opening {\n  name\n  state\n  since\n  lastReadingAt\n  tampered\n  batteryLow\n  rules {\n    id\n    name\n    timeZone\n    __typename\n  }\n  __typename\n}"
  },
  {
    "id": "697a3a10f2c733a1aa806984ca2a8272f28160abe72552e743f3c4a2b2ebf937",
    "name": "OpeningAlarmChanged",
    "type": "subscription",
    "body": "subscription OpeningAlarmChanged($after: String) {\n  alarmChanged(after: $after) {\n    kind\n    alarm {\n      id\n      opening\n      __typename\n    }\n    __typename\n  }\n}"
  },
  {
    "id": "4c78607287087284075837ea825a3269f87398622784968b6127729354265cea",
    "name": "Services",
    "type": "query",
    "body": "query Services {\n  services {\n    ...LiveService\n    lastDay: uptime(window: DAY)\n    lastWeek: uptime(window: WEEK)\n    lastMonth: uptime(window: MONTH)\n    transitions(first: 200) {\n      from\n      to\n      at\n      reason\n      __typename\n    }\n    __typename\n  }\n}\n\nfragment LiveService on ServiceHealth {\n  name\n  status\n  reason\n  since\n  instances {\n    id\n    status\n    __typename\n  }\n  __typename\n}"
  },
  {
    "id": "3aa1ceacbeb7e212787da4033a8db4a3374ab6222845267da9f5d1c6f4cd3f68",
    "name": "ServiceChanged",
    "type": "subscription",
    "body": "subscription ServiceChanged($after: String) {\n  heartbeat(after: $after) {\n    ...LiveService\n    __typename\n  }\n}\n\nfragment LiveService on ServiceHealth {\n  name\n  status\n  reason\n  since\n  instances {\n    id\n    status\n    __typename\n  }\n  __typename\n}"
  }
];
