// The QR reader. Node hands out the CommonJS module as the default import, its types speak of what is in it.

import module from 'jsqr'

export const jsqr = /** @type {typeof module} */ (/** @type {any} */ (module).default)
