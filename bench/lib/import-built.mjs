/**
 * Imports a module of the built project. Ends the process with a remedy if it is not built.
 * @param {string} specifier a package of the project, or the URL of a file
 * @returns {Promise<unknown>}
 */
export async function importBuilt(specifier) {
  try {
    const module = /** @type {unknown} */ (await import(specifier));
    return module;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    console.error('The project is not built: run npm run build first.');
    process.exit(2);
  }
}
