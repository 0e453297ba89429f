// Some browsers ask their user before a page of the internet may reach devices on the user's own network (Local Network
// Access of Chromium, for WebRTC too): to a viewer or streamer in the same network the direct way leads there. What this page
// says of it is in view before the browser asks. Nothing here asks, and everything works without.

import { t } from './texts.js'

/** The permission's names, the newest first. */
const NAMES = ['local-network', 'local-network-access']
/** Who is not connected by then may be in the streamer's network, and kept from it. */
const LONG_MS = 5000
/** Of home networks, and of this computer (RFC 6761, RFC 6762, RFC 8375). */
const NEAR_NAMES = /^[^.]+$|\.(local|localhost|home\.arpa)$/i
/** RFC 1918, RFC 3927, loopback. */
const NEAR_IPV4 = /^(10|127|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\./
const ANY_IPV4 = /^\d+\.\d+\.\d+\.\d+$/
/** All addresses of the internet begin so. */
const FAR_IPV6 = /^\[[23]/

export class NearPermission {
  /** @type {PermissionStatus | undefined} */
  #permission
  /** @type {number | undefined} */
  #connectingSince

  /** @param {Location} address the page's */
  constructor (address) {
    // Of a page that came without TLS browsers do not ask: they refuse.
    if (isFar(address.hostname) && window.isSecureContext) this.#look()
  }

  /**
   * What is to be said of it now.
   * @param {import('./status.js').Status} status
   * @param {number} now
   * @returns {string} empty for nothing
   */
  words (status, now) {
    if (status !== 'connecting' && status !== 'waiting') {
      this.#connectingSince = undefined
      return ''
    }
    this.#connectingSince ??= now
    switch (this.#permission?.state) {
      case 'prompt':
        return t('Your browser may ask whether this page may reach devices on your network. From viewers near you the stream comes best; it works without, too.')
      case 'denied':
        if (now - this.#connectingSince < LONG_MS) return ''
        return t('Your browser keeps this page from devices on your network. If the streamer is in the same network as you, allow it in the browser’s settings for this page.')
      default:
        return ''
    }
  }

  async #look () {
    for (const name of NAMES) {
      try {
        this.#permission = await navigator.permissions.query({ name: /** @type {PermissionName} */ (name) })
        return
      } catch {
        // A browser that does not know it does not ask.
      }
    }
  }
}

/**
 * Whether a page comes from the internet, as far as its host's name tells.
 * @param {string} host
 */
export function isFar (host) {
  if (host.startsWith('[')) return FAR_IPV6.test(host)
  if (ANY_IPV4.test(host)) return !NEAR_IPV4.test(host)
  return !NEAR_NAMES.test(host)
}
