//! The course of a series in one line of text: eight heights of blocks.
//!
//! ```
//! use promqlite::render::sparkline;
//!
//! assert_eq!(sparkline(&[Some(0.0), Some(1.0), None, Some(7.0)], 80), "▁▂ █");
//! assert_eq!(sparkline(&[Some(5.0), Some(5.0)], 80), "▄▄");
//! ```

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One character for each step, or for as many neighbouring steps as it takes to need no more than `width` characters:
/// then it stands for their mean. Heights run from the lowest to the highest finite value; a character without any
/// number is a space, infinities are at the edges, and a series that never changes runs in the middle.
pub fn sparkline(values: &[Option<f64>], width: usize) -> String {
    let per_character = values.len().div_ceil(width.max(1)).max(1);
    let means: Vec<Option<f64>> = values.chunks(per_character).map(mean).collect();
    let finite = || means.iter().flatten().copied().filter(|value| value.is_finite());
    let low = finite().fold(f64::INFINITY, f64::min);
    let high = finite().fold(f64::NEG_INFINITY, f64::max);
    let height = |value: f64| match value {
        _ if value == f64::INFINITY => 7,
        _ if value == f64::NEG_INFINITY => 0,
        _ if low == high => 3,
        // Halved before they are subtracted: the distance of two floats may be infinite.
        _ => (((value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0)) * 7.0).round().clamp(0.0, 7.0) as usize,
    };
    means.iter().map(|mean| mean.map_or(' ', |value| BLOCKS[height(value)])).collect()
}

fn mean(values: &[Option<f64>]) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in values.iter().flatten().filter(|value| !value.is_nan()) {
        sum += value;
        count += 1.0;
    }
    (count > 0.0).then_some(sum / count)
}

#[cfg(test)]
mod tests {
    use super::sparkline;

    #[test]
    fn many_steps_share_a_character() {
        let rising: Vec<Option<f64>> = (0..1000).map(|i| Some(f64::from(i))).collect();
        assert_eq!(sparkline(&rising, 8), "▁▂▃▄▅▆▇█");
        assert!(sparkline(&rising, 37).chars().count() <= 37);
    }

    #[test]
    fn no_number_is_too_odd() {
        assert_eq!(sparkline(&[], 10), "");
        assert_eq!(sparkline(&[None, Some(f64::NAN)], 10), "  ");
        assert_eq!(sparkline(&[Some(f64::INFINITY), Some(1.0), Some(f64::NEG_INFINITY)], 10), "█▄▁");
        assert_eq!(sparkline(&[Some(f64::MIN), Some(f64::MAX)], 10), "▁█");
        assert_eq!(sparkline(&[Some(1.0), Some(2.0)], 0), "▄");
    }
}
