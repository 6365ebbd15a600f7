use super::graph::{Graph, GraphNode};

/// The strongly connected components of a graph, each after those it leads to.
#[derive(Debug, Default)]
pub(super) struct Components {
    nodes: Vec<GraphNode>,
    /// Where each component ends in `nodes`.
    ends: Vec<u32>,
}

impl Components {
    /// By Tarjan, without recursion: a chain may be as long as the estate is large.
    pub fn of(graph: &Graph) -> Components {
        const UNSEEN: u32 = u32::MAX;
        let count = graph.nodes.len();
        let mut found = Components { nodes: Vec::with_capacity(count), ends: Vec::with_capacity(count) };
        let mut index = vec![UNSEEN; count];
        let mut low = vec![0_u32; count];
        let mut is_open = vec![false; count];
        let mut open: Vec<GraphNode> = Vec::new();
        let mut next_index = 0;
        let mut calls: Vec<(GraphNode, usize)> = Vec::new();
        for start in 0..count as u32 {
            if index[start as usize] != UNSEEN {
                continue;
            }
            calls.push((GraphNode(start), 0));
            while let Some((node, position)) = calls.pop() {
                let at = node.0 as usize;
                if position == 0 {
                    index[at] = next_index;
                    low[at] = next_index;
                    next_index += 1;
                    is_open[at] = true;
                    open.push(node);
                }
                let mut descended = false;
                for (offset, next) in graph.neighbours(node, true).iter().enumerate().skip(position) {
                    let to = next.0 as usize;
                    if index[to] == UNSEEN {
                        calls.push((node, offset + 1));
                        calls.push((*next, 0));
                        descended = true;
                        break;
                    }
                    if is_open[to] {
                        low[at] = low[at].min(index[to]);
                    }
                }
                if descended {
                    continue;
                }
                if low[at] == index[at] {
                    found.close(node, &mut open, &mut is_open);
                }
                if let Some((parent, _)) = calls.last() {
                    let parent = parent.0 as usize;
                    low[parent] = low[parent].min(low[at]);
                }
            }
        }
        found
    }

    /// Makes a component of everything that was opened since its first node.
    fn close(&mut self, first: GraphNode, open: &mut Vec<GraphNode>, is_open: &mut [bool]) {
        while let Some(member) = open.pop() {
            is_open[member.0 as usize] = false;
            self.nodes.push(member);
            if member == first {
                break;
            }
        }
        self.ends.push(self.nodes.len() as u32);
    }

    pub fn all(&self) -> impl DoubleEndedIterator<Item = &[GraphNode]> {
        (0..self.ends.len()).map(|number| {
            let start = number.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
            &self.nodes[start..self.ends[number] as usize]
        })
    }
}
