// What the page's address and the page itself say of where peers meet: trackers, and the servers by whose help browsers
// find paths to each other. Read here, too, so that sockets and offers can be begun before the WebAssembly runs.
//
// Not here: which trackers the swarm uses (crates/swarm reads the same address), and whether the link is a good one.

/** A hub's page may name servers in `<meta name="ice-servers" content="[{"urls":…}]">`. */
const META = 'meta[name="ice-servers"]'
/** HOST:PORT, as crates/swarm takes it. */
const STUN_SERVER = /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\]):[0-9]{1,5}$/i
/** Browsers warn from five on. */
const MAX_STUN_SERVERS = 4
/** As many as the swarm announces at. */
const MAX_TRACKERS = 8

/**
 * @param {Location | URL} address the page's
 * @returns {string[]} trackers in the order in which the swarm names them
 */
export function trackersOf (address) {
  const words = wordsOf(address)
  const own = `${address.protocol === 'https:' ? 'wss' : 'ws'}://${address.host}/announce`
  const named = valuesOf(words, 'tr').slice(0, MAX_TRACKERS)
  return [...new Set(words.includes('static') ? named : [own, ...named])]
}

/**
 * @param {Location | URL} address the page's
 * @param {ParentNode} page
 * @returns {RTCIceServer[]}
 */
export function iceServersOf (address, page) {
  const named = valuesOf(wordsOf(address), 'stun').filter(server => STUN_SERVER.test(server)).slice(0, MAX_STUN_SERVERS)
  return [...named.map(server => ({ urls: `stun:${server}` })), ...fromPage(page)]
}

/**
 * @param {ParentNode} page
 * @returns {RTCIceServer[]}
 */
function fromPage (page) {
  const content = page.querySelector(META)?.getAttribute('content')
  if (!content) return []
  try {
    const servers = JSON.parse(content)
    // Taken as a whole or not at all: a browser refuses a connection with one that is wrong.
    new RTCPeerConnection({ iceServers: servers }).close()
    return servers
  } catch (error) {
    console.warn('the servers that this page names cannot be used:', error)
    return []
  }
}

/** @param {Location | URL} address */
function wordsOf (address) {
  return address.hash.slice(1).split('&').slice(1)
}

/**
 * @param {string[]} words
 * @param {string} name
 */
function valuesOf (words, name) {
  return words.filter(word => word.startsWith(`${name}=`)).flatMap(word => {
    try {
      return [decodeURIComponent(word.slice(name.length + 1))]
    } catch {
      return []
    }
  })
}
