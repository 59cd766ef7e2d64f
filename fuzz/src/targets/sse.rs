//! The framer: every byte stays (P1), events do not depend on the cutting (P2), and a new payload is read back as it was put.

use super::Choices;
use portcullis::decode::sse::{Event, Framer};

pub fn run(input: &[u8]) {
    let (mut choices, stream) = Choices::take(input);
    let whole = events([stream]);
    assert_eq!(events(choices.cut(stream)), whole);
    assert_eq!(whole.iter().flat_map(Event::raw).copied().collect::<Vec<u8>>(), stream, "every byte stays");
    for event in whole.iter().filter(|event| event.is_complete()) {
        match event.data() {
            None => assert_eq!(event.with_data(b"x"), event.raw(), "an event without data gets none"),
            Some(data) => assert_eq!(event.with_data(&data), event.raw(), "the same payload changes nothing"),
        }
    }
    let places = (0..whole.len()).filter(|at| whole[*at].is_complete() && whole[*at].data().is_some());
    let places: Vec<usize> = places.collect();
    if !places.is_empty() {
        let changed = places[choices.below(places.len())];
        let new = [&b"one"[..], b"", b"two\nlines", b" \n\n:x"][choices.below(4)];
        let stream = whole.iter().enumerate().flat_map(|(at, event)| match at == changed {
            true => event.with_data(new),
            false => event.raw().to_vec(),
        });
        let again = events([&*stream.collect::<Vec<u8>>()]);
        assert_eq!(again.len(), whole.len(), "a payload opens no second event");
        for (at, (event, again)) in whole.iter().zip(&again).enumerate() {
            let data = event.data();
            assert_eq!(again.data().as_deref(), if at == changed { Some(new) } else { data.as_deref() });
            assert_eq!((again.name(), again.id()), (event.name(), event.id()));
        }
    }
    // A limit refuses or changes nothing.
    let mut limited = Vec::new();
    if Framer::new(choices.below(64)).push(stream, &mut limited).is_ok() {
        assert!(limited.iter().eq(whole.iter().take(limited.len())));
    }
}

fn events<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Vec<Event> {
    let (mut framer, mut events) = (Framer::new(usize::MAX), Vec::new());
    for piece in pieces {
        framer.push(piece, &mut events).expect("there is no limit");
    }
    events.extend(framer.finish());
    events
}

pub fn seeds() -> Vec<Vec<u8>> {
    [
        "0000data: {\"delta\":\"hello\"}\n\ndata: [DONE]\n\n",
        "1111event: content_block_delta\r\nid: 7\r\ndata: one\r\ndata: two\r\n\r\n: ping\r\n\r\n",
        "2222\u{feff}data:x\rdata\r\r\n\ndata",
    ]
    .map(|seed| seed.as_bytes().to_vec())
    .to_vec()
}
