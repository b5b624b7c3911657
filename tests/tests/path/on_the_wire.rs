//! What a form may take of a bad network.

use saksi_tests::binaries;
use saksi_tests::on_the_wire::bytes_of_forms;

/// Times that it is measured at most: an agent on a machine that stood still for ten seconds
/// asks whether anybody is there, and that is on the wire too.
const TRIES: usize = 3;

/// With the look at what the centre says, in a log of six entries.
#[test]
fn a_form_takes_3000_bytes_and_1600_where_the_session_before_is_resumed() {
    let mut seen = Vec::new();
    for _ in 0..TRIES {
        let agent = binaries::command("saksi-agent", None).unwrap();
        let forms = bytes_of_forms(agent, 1).unwrap();
        if forms[0] <= 3_000 && forms[1] <= 1_600 {
            return;
        }
        seen.push(forms);
    }
    panic!("bytes of a form with a full handshake, and of one with a resumed one: {seen:?}");
}
