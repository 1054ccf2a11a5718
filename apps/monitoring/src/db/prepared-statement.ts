export { prepare, prepareInsert, queryRows, runSql, type PreparedStatement } from '@seguridad-abc/platform';
