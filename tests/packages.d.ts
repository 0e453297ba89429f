// Packages without types. Those of the benches, which ours is compared with, are checked without being there: `npm ci` in
// benches/ is for those who run them.

declare module 'bittorrent-tracker/server'

declare module '@thaunknown/simple-peer/lite.js'
declare module 'bittorrent-tracker'
declare module 'hls.js'
declare module 'memory-chunk-store'
declare module 'p2p-media-loader-hlsjs'
declare module 'webtorrent'
// As its page is served it.
declare module '*/webtorrent.js'
