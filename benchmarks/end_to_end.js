// Notes, in the page: when its own microphone falls silent, and when each message comes.
// Both by performance.now(), in ms. Runs before the page's own scripts.
{
  const LOUD = 0.02; // room tone is a hundredth of it
  const SPOKEN_MS = 500;
  const SILENT_MS = 100;
  const CHUNKS = 500; // 5 s: longer than a page is ever busy, too short for a clock to drift
  const notes = (window.benchmark = { cuts: [], messages: [] });

  const listen = async (track) => {
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    let loudSince = null;
    let lastLoud = null;
    const behind = [];
    for (;;) {
      const { value: audio, done } = await reader.read();
      if (done) return;
      // Its last sample was spoken now, or before: this may run late. Its stamp says by how much
      // later than the quickest of the last ones.
      const now = performance.now();
      const stamp = (audio.timestamp + audio.duration) / 1000;
      behind.push(now - stamp);
      if (behind.length > CHUNKS) behind.shift();
      const end = stamp + Math.min(...behind);
      const samples = new Float32Array(audio.numberOfFrames);
      audio.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
      for (let i = 0; i < samples.length; i++) {
        if (Math.abs(samples[i]) < LOUD) continue;
        lastLoud = end - ((samples.length - i) / audio.sampleRate) * 1000;
        loudSince ??= lastLoud;
      }
      audio.close();
      if (lastLoud !== null && end - lastLoud > SILENT_MS) {
        if (lastLoud - loudSince > SPOKEN_MS) notes.cuts.push(lastLoud);
        loudSince = lastLoud = null;
      }
    }
  };

  let heard = null;
  const media = navigator.mediaDevices;
  const open = media.getUserMedia.bind(media);
  media.getUserMedia = async (constraints) => {
    const stream = await open(constraints);
    // The page asks again when it opens another microphone: one is heard at a time.
    heard?.stop();
    listen((heard = stream.getAudioTracks()[0].clone()));
    return stream;
  };

  const create = RTCPeerConnection.prototype.createDataChannel;
  RTCPeerConnection.prototype.createDataChannel = function (...args) {
    const channel = create.apply(this, args);
    channel.addEventListener("message", ({ data }) => {
      const now = performance.now();
      for (const { type, at_s, session } of [JSON.parse(data)].flat()) {
        if (session !== undefined) notes.session = session;
        if (at_s !== undefined) notes.messages.push({ now, type, at_s });
      }
    });
    return channel;
  };
}
