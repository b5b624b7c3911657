//! Many hands for many jobs.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;

/// Does `work` for every job, `hands` of them at a time, and gives what came of them in
/// no order. The first failure ends it.
pub(crate) async fn crew<J, T, F>(
    hands: usize,
    jobs: Vec<J>,
    work: impl Fn(J) -> F + Clone + Send + 'static,
) -> anyhow::Result<Vec<T>>
where
    J: Send + 'static,
    T: Send + 'static,
    F: Future<Output = anyhow::Result<T>> + Send,
{
    let jobs = Arc::new(Mutex::new(jobs.into_iter()));
    let mut crew = JoinSet::new();
    for _ in 0..hands {
        let (jobs, work) = (Arc::clone(&jobs), work.clone());
        crew.spawn(async move {
            let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).next();
            let mut done = Vec::new();
            while let Some(job) = next() {
                done.push(work(job).await?);
            }
            anyhow::Ok(done)
        });
    }
    let mut done = Vec::new();
    while let Some(part) = crew.join_next().await {
        done.extend(part??);
    }
    Ok(done)
}
