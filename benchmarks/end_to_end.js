// Notes, in the page: when its own microphone falls silent, and when each message comes.
// Both by performance.now(), in ms. Runs before the page's own scripts.
{
  const LOUD = 0.02; // room tone is a hundredth of it
  const SPOKEN_MS = 500;
  const SILENT_MS = 100;
  const notes = (window.benchmark = { cuts: [], messages: [] });

  const listen = async (track) => {
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    let loudSince = null;
    let lastLoud = null;
    for (;;) {
      const { value: audio, done } = await reader.read();
      if (done) return;
      // The last sample of what can be read now was spoken now, or before.
      const now = performance.now();
      const samples = new Float32Array(audio.numberOfFrames);
      audio.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
      const end = now;
      for (let i = 0; i < samples.length; i++) {
        if (Math.abs(samples[i]) < LOUD) continue;
        lastLoud = end - ((samples.length - i) / audio.sampleRate) * 1000;
        loudSince ??= lastLoud;
      }
      audio.close();
      if (lastLoud !== null && now - lastLoud > SILENT_MS) {
        if (lastLoud - loudSince > SPOKEN_MS) notes.cuts.push(lastLoud);
        loudSince = lastLoud = null;
      }
    }
  };

  const media = navigator.mediaDevices;
  const open = media.getUserMedia.bind(media);
  media.getUserMedia = async (constraints) => {
    const stream = await open(constraints);
    listen(stream.getAudioTracks()[0].clone());
    return stream;
  };

  const create = RTCPeerConnection.prototype.createDataChannel;
  RTCPeerConnection.prototype.createDataChannel = function (...args) {
    const channel = create.apply(this, args);
    channel.addEventListener("message", ({ data }) => {
      const now = performance.now();
      for (const { type, at_s, start_s } of [JSON.parse(data)].flat())
        if (at_s !== undefined) notes.messages.push({ now, type, at_s, start_s });
    });
    return channel;
  };
}
