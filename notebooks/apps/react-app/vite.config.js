import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  // The finished page also works below a path, as behind a proxy.
  base: './',
  server: {
    // To all who knock: from outside, a container's own 127.0.0.1 cannot be reached.
    host: true,
    port: 5173,
    strictPort: true,
    // Whoever looks through a proxy calls this machine by another name.
    allowedHosts: true,
    // Not every way to share a folder with a container tells it of changes: so look for them.
    watch: { usePolling: true, interval: 200 },
  },
  // No summary that is drawn over and over: a container's log keeps every line of it.
  test: { reporters: [['default', { summary: false }]] },
});
