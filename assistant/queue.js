// Gradio's client stops listening when the last event it knows of has ended. An event that is sent in
// that very moment is answered where nobody listens any more: a question without an answer until the
// page is loaded anew. So the end is kept from the client while an event is under way, and what the
// server goes on to say is listened to.
(() => {
  const fetched = window.fetch.bind(window);
  const head = /^data: ?\{"msg":"(\w+)"(?:,"event_id":"(\w+)")?/;
  // Events that the server took and has not ended, those whose end came before the word that it took
  // them, and those that are on their way to it.
  const awaited = new Set();
  const ended = new Set();
  const sending = new Set();

  const send = (input, options) => {
    const sent = fetched(input, options).then(async (response) => {
      const { event_id: id } = response.ok ? await response.clone().json() : {};
      if (id && !ended.delete(id)) awaited.add(id);
      return response;
    });
    const known = sent.catch(() => {}).finally(() => sending.delete(known));
    sending.add(known);
    return sent;
  };

  // Gives the client what the server says up to its end, but not the end: that is returned.
  const pass = async (response, client) => {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const encoder = new TextEncoder();
    let end = '';
    for (let rest = '', part = await reader.read(); !part.done; part = await reader.read()) {
      const blocks = (rest + part.value).split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) {
        const [, message, id] = head.exec(block) || [];
        if (message === 'process_completed' && !awaited.delete(id)) ended.add(id);
        if (message === 'close_stream') end = block;
        else client.enqueue(encoder.encode(`${block}\n\n`));
      }
    }
    return end && encoder.encode(`${end}\n\n`);
  };

  const listen = async (request) => {
    const again = request.clone();
    const first = await fetched(request);
    if (!first.ok || !first.body) return first;
    const whole = new ReadableStream({
      async start(client) {
        try {
          let end = await pass(first, client);
          await Promise.all(sending);
          while (end && awaited.size) {
            end = await pass(await fetched(again.clone()), client);
            await Promise.all(sending);
          }
          if (end) client.enqueue(end);
          client.close();
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
