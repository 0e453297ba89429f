// Which part of a tracker the channel meets at, where a tracker is several machines behind one name: what stands before them
// sees a connection's address and no message. The program's src/seeder/tracker_part.rs says the same of each channel.

/** Characters of the channel as links spell it. They say next to nothing of it. */
const LENGTH = 2

/**
 * A tracker's address with the part in it, unless it says one itself.
 * @param {string} url
 * @param {Location | URL} address the page's, with the channel
 */
export function withPart (url, { hash }) {
  const [, said] = url.split('?', 2)
  if (said?.split('&').some(word => word.startsWith('part='))) return url
  return `${url}${said === undefined ? '?' : '&'}part=${hash.slice(1, 1 + LENGTH)}`
}
