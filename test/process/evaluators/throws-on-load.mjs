throw new Error('no such backend');
