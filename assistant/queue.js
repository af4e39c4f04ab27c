// Gradio's client stops listening when the last event it knows of has ended. An event that is sent in
// that very moment is answered where nobody listens any more: a question without an answer until the
// page is loaded anew. So the client is never told of the end: to it the stream is always open, and
// whenever the server takes an event while nobody listens, listening begins again behind its back.
(() => {
  const fetched = window.fetch.bind(window);
  const head = /^data: ?\{"msg":"(\w+)"(?:,"event_id":"(\w+)")?/;
  // Events that the server took and has not ended, and those whose end came before the word that it
  // took them.
  const awaited = new Set();
  const ended = new Set();
  let wake = () => {};

  const send = async (input, options) => {
    const response = await fetched(input, options);
    const { event_id: id } = response.ok ? await response.clone().json() : {};
    if (id && !ended.delete(id)) {
      awaited.add(id);
      wake();
    }
    return response;
  };

  const someAwaited = () => new Promise((resolve) => (awaited.size ? resolve() : (wake = resolve)));

  // Gives the client what the server says up to its last word, but not that word.
  const pass = async (response, client) => {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const encoder = new TextEncoder();
    let last = false;
    for (let rest = '', part = await reader.read(); !part.done; part = await reader.read()) {
      const blocks = (rest + part.value).split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) {
        const [, message, id] = head.exec(block) || [];
        if (message === 'process_completed' && !awaited.delete(id)) ended.add(id);
        if (message === 'close_stream') last = true;
        else client.enqueue(encoder.encode(`${block}\n\n`));
      }
    }
    if (!last) throw new Error('the stream of events was cut');
  };

  const listen = async (request) => {
    const first = await fetched(request.clone());
    if (!first.ok || !first.body) return first;
    const whole = new ReadableStream({
      async start(client) {
        try {
          for (let heard = first; ; heard = await fetched(request.clone())) {
            await pass(heard, client);
            await someAwaited();
          }
        } catch (error) {
          client.error(error);
        }
      },
    });
    return new Response(whole, { status: first.status, headers: first.headers });
  };

  window.fetch = (input, options) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input, document.baseURI);
    if (pathname.endsWith('/gradio_api/queue/join')) return send(input, options);
    if (pathname.endsWith('/gradio_api/queue/data')) return listen(new Request(input, options));
    return fetched(input, options);
  };
})();
