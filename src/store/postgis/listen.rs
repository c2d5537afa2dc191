//! Hearing of new revisions, whoever enters them: one connection listens as long as somebody wants to know.

use std::future::poll_fn;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, watch};
use tokio_postgres::{AsyncMessage, Client};

use crate::model::Revision;
use crate::store::StoreError;
use crate::store::postgis::session::{Sessions, set_up};
use crate::store::postgis::{CHANNEL, failed, rows};

/// Times that a lost connection is made anew before it is said to be lost: a kept one may have died long ago.
const TRIES: usize = 2;

/// The connection that listens, once somebody has waited.
#[derive(Default)]
pub(super) struct Listener {
    line: Mutex<Option<Line>>,
}

struct Line {
    /// Closes the connection when dropped.
    client: Client,
    heard: watch::Receiver<()>,
}

impl Listener {
    /// See [`crate::store::Store::wait_beyond`]. A database that is gone is told at once, so that the caller can say so.
    pub(super) async fn wait_beyond(
        &self,
        sessions: &Sessions,
        seen: Option<Revision>,
        longest: Duration,
    ) -> Result<Option<Revision>, StoreError> {
        let end = Instant::now() + longest;
        let mut tries = 0;
        loop {
            match self.wait_once(sessions, seen, end).await {
                Ok(latest) => return Ok(latest),
                Err(err) => match sessions.name(err) {
                    StoreError::Unreachable { .. } if tries + 1 < TRIES => tries += 1,
                    err => return Err(err),
                },
            }
        }
    }

    async fn wait_once(
        &self,
        sessions: &Sessions,
        seen: Option<Revision>,
        end: Instant,
    ) -> Result<Option<Revision>, StoreError> {
        loop {
            // First listen, then look, so that nothing is missed between the two.
            let mut heard = self.heard(sessions).await?;
            heard.mark_unchanged();
            let latest = rows::latest(&*sessions.client().await?).await?;
            if latest > seen {
                return Ok(latest);
            }
            // An end of the line is news too: it is made anew, and what was missed is looked up.
            if tokio::time::timeout_at(end.into(), heard.changed()).await.is_err() {
                return Ok(latest);
            }
        }
    }

    async fn heard(&self, sessions: &Sessions) -> Result<watch::Receiver<()>, StoreError> {
        let mut line = self.line.lock().await;
        if let Some(Line { client, heard }) = &*line
            && !client.is_closed()
        {
            return Ok(heard.clone());
        }
        *line = None;
        let (client, mut connection) = sessions.connect().await?;
        let (tell, heard) = watch::channel(());
        tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|cx| connection.poll_message(cx)).await {
                if let AsyncMessage::Notification(_) = message {
                    tell.send_replace(());
                }
            }
        });
        set_up(&client).await.map_err(failed("listen"))?;
        client.batch_execute(&format!("LISTEN {CHANNEL}")).await.map_err(failed("listen"))?;
        *line = Some(Line { client, heard: heard.clone() });
        Ok(heard)
    }
}
