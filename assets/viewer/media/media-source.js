// Which class of the browser's puts a stream together, and what it can play.

/**
 * MediaSource, or ManagedMediaSource where only that exists (iPhones).
 * @returns {typeof MediaSource | undefined}
 */
export function mediaSourceClass () {
  const { MediaSource, ManagedMediaSource } =
    /** @type {{ MediaSource?: typeof globalThis.MediaSource, ManagedMediaSource?: typeof globalThis.MediaSource }} */ (globalThis)
  return MediaSource ?? ManagedMediaSource
}

/** @param {string} codecs a broadcast's */
export function mimeType (codecs) {
  return `video/mp4; codecs="${codecs}"`
}

/** @param {string} codecs a broadcast's */
export function canPlay (codecs) {
  return mediaSourceClass()?.isTypeSupported(mimeType(codecs)) ?? false
}
