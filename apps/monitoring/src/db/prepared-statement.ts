export {
  prepare,
  prepareInsert,
  queryRows,
  runSql,
  type PreparableQuery,
  type PreparedStatement,
} from '@seguridad-abc/platform';
