//! Latencies of one kind, in µs.

pub struct Sample {
    name: &'static str,
    latencies: Vec<f64>,
    sorted: bool,
}

impl Sample {
    pub fn new(name: &'static str) -> Sample {
        Sample { name, latencies: Vec::new(), sorted: false }
    }

    /// Measures so many times; without `keep`, to warm up.
    pub fn round(&mut self, keep: bool, times: usize, mut once: impl FnMut() -> f64) {
        for _ in 0..times {
            let latency = once();
            if keep {
                self.latencies.push(latency);
            }
        }
        self.sorted = false;
    }

    pub fn percentile(&mut self, part: f64) -> f64 {
        if !self.sorted {
            self.latencies.sort_by(f64::total_cmp);
            self.sorted = true;
        }
        let place = (self.latencies.len() as f64 * part) as usize;
        self.latencies[place.min(self.latencies.len() - 1)]
    }

    pub fn print(&mut self) {
        let mean = self.latencies.iter().sum::<f64>() / self.latencies.len() as f64;
        let (p50, p99) = (self.percentile(0.50), self.percentile(0.99));
        println!("  {:<15} p50 {p50:7.2}   p99 {p99:7.2}   mean {mean:7.2}", self.name);
    }
}
