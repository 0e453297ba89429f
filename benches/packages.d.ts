// What ours is compared with. Checked without it: `npm ci` in benches/ is for those who run them.

declare module '@thaunknown/simple-peer/lite.js'
declare module 'bittorrent-tracker'
declare module 'hls.js'
declare module 'memory-chunk-store'
declare module 'p2p-media-loader-hlsjs'
declare module 'webtorrent'
// As its page is served it.
declare module '*/webtorrent.js'
