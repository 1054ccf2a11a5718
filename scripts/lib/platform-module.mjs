import { codeOf, Failure } from './failure.mjs';

/** The built package `platform`, for what tools share with the services. @throws {Failure} where nothing is built yet */
export async function loadPlatform() {
  try {
    return await import('@seguridad-abc/platform');
  } catch (error) {
    if (codeOf(error) === 'ERR_MODULE_NOT_FOUND') {
      throw new Failure('Nothing is built yet: run npm start, or npm run build, first.');
    }
    throw error;
  }
}
