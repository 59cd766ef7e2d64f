//! Line plots as SVG, one below the other.

use std::fmt::Write;

/// Speed in MB/s against numbers that grow by factors.
pub struct Plot<'p> {
    pub title: &'p str,
    pub across: &'p [usize],
    pub series: &'p [(&'p str, Vec<f64>)],
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 320.0;
const MARGIN: f64 = 56.0;
/// Room for names right of the lines.
const NAMES: f64 = 60.0;
const COLOURS: [&str; 6] = ["#0b6bcb", "#c4420d", "#1f7a3d", "#7a3fb0", "#8a6d00", "#555555"];

/// The plots in one picture.
pub fn svg(plots: &[Plot<'_>]) -> String {
    let height = HEIGHT * plots.len() as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
    );
    for (number, plot) in plots.iter().enumerate() {
        let top = HEIGHT * number as f64;
        write!(svg, "<g transform=\"translate(0 {top})\">\n{}</g>\n", plot.drawn()).expect("a string takes text");
    }
    svg + "</svg>\n"
}

impl Plot<'_> {
    fn drawn(&self) -> String {
        let most = self.series.iter().flat_map(|(_, values)| values).fold(1.0, |most: f64, value| most.max(*value));
        let step = [10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0].into_iter().find(|s| most / s <= 6.0);
        let step = step.unwrap_or(5000.0);
        let top = (most / step).ceil() * step;
        let (first, last) = (self.across[0] as f64, self.across[self.across.len() - 1] as f64);
        let x = |n: usize| MARGIN + (n as f64 / first).ln() / (last / first).ln() * (WIDTH - 2.0 * MARGIN - NAMES);
        let y = |value: f64| HEIGHT - MARGIN - value / top * (HEIGHT - 2.0 * MARGIN);
        let mut svg = format!("<text x=\"{MARGIN}\" y=\"28\" font-size=\"14\">{}</text>\n", self.title);
        let mut add = |line: String| writeln!(svg, "{line}").expect("writing to a string does not fail");
        let right = WIDTH - MARGIN - NAMES;
        for value in (0..=(top / step) as usize).map(|i| i as f64 * step) {
            let at = y(value);
            add(format!("<path d=\"M{MARGIN} {at:.1}H{right}\" stroke=\"#dddddd\"/>"));
            add(format!("<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>", MARGIN - 8.0, at + 4.0));
        }
        for n in self.across {
            let at = x(*n);
            add(format!("<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{n}</text>", HEIGHT - MARGIN + 20.0));
        }
        add(format!("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">MB/s</text>", MARGIN - 8.0, MARGIN - 12.0));
        for ((name, values), colour) in self.series.iter().zip(COLOURS.iter().cycle()) {
            let points: Vec<String> =
                self.across.iter().zip(values).map(|(n, value)| format!("{:.1},{:.1}", x(*n), y(*value))).collect();
            add(format!(
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
                points.join(" ")
            ));
            let end = y(values[values.len() - 1]) + 4.0;
            add(format!("<text x=\"{}\" y=\"{end:.1}\" fill=\"{colour}\">{name}</text>", right + 8.0));
        }
        svg
    }
}
