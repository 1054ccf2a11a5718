// npm start is the command `start` of the command-line app.
process.argv.splice(2, 0, 'start');
void import('./cli.mjs');
